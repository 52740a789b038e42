# The form and the pages around it.

form-of = { $n } von { $all }
form-page = Seite { $n } von { $all }
form-asks = { $sender } fragt Sie zu { $company }.
form-required = (erforderlich)
form-only-if = Nur wenn Sie auf { $question } mit { $answer } geantwortet haben.
form-kept = Das haben Sie schon beantwortet. Ihre Antwort wird nicht gezeigt, weil Links weitergegeben werden; lassen Sie dies leer, um sie zu behalten.
form-own-words = In Ihren eigenen Worten
form-choose = Wählen Sie { $n }.
form-choose-all = Wählen Sie alles, was zutrifft.
form-choose-up-to = Wählen Sie bis zu { $n }.
form-choose-between = Wählen Sie { $min } bis { $max }.
form-end = { $n } = { $words }
form-rank = { $n ->
    [one] Geben Sie Platz 1 dem, was am wichtigsten ist.
   *[other] Geben Sie den { $n } wichtigsten ihre Plätze; 1 ist der erste.
}
form-rank-tap = Wählen Sie der Reihe nach; was Sie noch einmal wählen, nehmen Sie zurück.
form-place = Platz { $n }
form-no-place = kein Platz
form-most = Am meisten
form-least = Am wenigsten
form-extremes = Wählen Sie jeweils eines.
form-share = Verteilen Sie { $total } Punkte.
form-left = Noch übrig: { $n }
form-back = Zurück
form-continue = Weiter
form-send = Antworten senden
form-missing = Etwas fehlt noch.
form-nothing = Noch ist nichts beantwortet. Bitte beantworten Sie mindestens eine Frage.
form-stale = Dies wurde inzwischen auf einer anderen Seite beantwortet.
form-stale-what = Unten steht, was Sie gerade eingegeben haben. Senden Sie es noch einmal, wenn es stattdessen gelten soll.
form-stale-keep = Behalten, was gesendet wurde
form-confidential = Ihre Antworten werden vertraulich behandelt: Sie werden mit denen Ihrer Kollegen zu einem Bild dessen zusammengefasst, was Ihr Unternehmen braucht. Anonym sind sie nicht.
form-kept-by-page = Jede Seite wird behalten, sobald Sie weitergehen; mit dem Link aus Ihrer E-Mail können Sie später weitermachen, auch auf einem anderen Gerät.
form-one-person = Dieser Link ist für eine Person bestimmt.
form-not-you = Sind Sie das nicht?
closed-title = Diese Fragen sind geschlossen
closed-until = Sie konnten bis zum { $date } beantwortet werden. Danke, dass Sie sie trotzdem geöffnet haben.
closed-until-about = Die Fragen zu { $company } konnten bis zum { $date } beantwortet werden. Danke, dass Sie sie trotzdem geöffnet haben.
closed-mails = Sie können weiterhin wählen, welche E-Mails Sie von uns möchten.
closed-preferences = Ihre E-Mails
later-title = Ihre Antworten konnten gerade nicht gespeichert werden
later-what = Nichts von dem, was Sie eingegeben haben, ist verloren: Es steht noch auf dieser Seite. Bitte versuchen Sie es gleich noch einmal.
later-again = Noch einmal versuchen
