# What respondents read when something goes wrong.

error-unknown = Nicht gefunden
error-unknown-what = Unter dieser Adresse gibt es nichts. Der Link ist vielleicht alt, oder es fehlt ein Zeichen.
error-unreadable = Diese Anfrage war nicht lesbar
error-unreadable-what = Ein Teil der Adresse oder des Formulars hat eine falsche Form. Bitte öffnen Sie den Link in Ihrer E-Mail noch einmal.
error-slow = Das hat zu lange gedauert
error-slow-what = Die Anfrage kam nicht rechtzeitig an. Bitte senden Sie sie noch einmal.
error-large = Zu viel auf einmal
error-large-what = Was Sie gesendet haben, ist größer, als diese Seite annimmt. Bitte gehen Sie zurück und kürzen Sie Ihren Text.
error-often = Zu viele Versuche
error-often-what = { $n ->
    [one] Bitte warten Sie eine Sekunde und versuchen Sie es dann noch einmal.
   *[other] Bitte warten Sie { $n } Sekunden und versuchen Sie es dann noch einmal.
}
error-away = Gleich wieder da
error-away-what = Die Datenbank ist nicht erreichbar. Es wurde nichts gespeichert; bitte versuchen Sie es in einigen Sekunden noch einmal.
error-ours = Etwas ist schiefgegangen
error-ours-what = Der Fehler liegt bei uns, nicht bei Ihnen. Bitte versuchen Sie es noch einmal, und nennen Sie uns die Nummer unten, falls es dabei bleibt.
error-number = Nummer
error-retry = Noch einmal versuchen
