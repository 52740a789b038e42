# Preferences, unsubscribing, removal.

prefs-title = Ihre E-Mails
prefs-heading = Ihre E-Mails von { $sender }
prefs-undo = Rückgängig machen
prefs-gone = Sie stehen auf keiner unserer Listen, und wir speichern nichts über Sie. Damit kein späterer Import Sie zurückbringt, bleibt ein aus Ihrer Adresse errechneter Code; Ihre Adresse lässt sich daraus nicht ablesen.
all-stopped = Sie erhalten keine E-Mails von uns
all-stopped-wished = Sie haben uns gebeten, Ihnen keine mehr zu senden.
resume-all = Wieder E-Mails an mich senden
barred-bounced = Unsere E-Mails an Ihre Adresse kamen zurück, deshalb senden wir keine mehr.
barred-complained = Von Ihrer Adresse kam eine Beschwerde über unsere E-Mails, deshalb senden wir keine mehr.
barred = Ihre Adresse steht auf der Liste derer, denen wir nicht schreiben.
drip-stopped = Sie erhalten nichts mehr von „{ $drip }“
drip-stopped-others = Andere E-Mails von uns können weiterhin kommen.
resume-drip = Diese Reihe wieder an mich senden
stop-all = Gar keine E-Mails mehr
drip-on = Sie erhalten die Reihe „{ $drip }“
stop-drip = Diese Reihe nicht mehr
fewer = Weniger E-Mails
gap-now = { $n ->
    [one] Zwischen zwei unserer E-Mails liegt mindestens ein Tag.
   *[other] Zwischen zwei unserer E-Mails liegen mindestens { $n } Tage.
}
gap-none = Die E-Mails kommen, wie die Reihe es vorsieht. Sie können größere Abstände wählen; keine geht verloren, sie wartet nur.
gap-choose = { $n ->
    [one] Ein Tag Abstand
   *[other] { $n } Tage Abstand
}
gap-end = So oft wie zuvor
pause = Eine Pause
pause-now = Vor dem { $date } kommt nichts.
pause-end = Pause beenden
pause-other = Oder eine andere Dauer, von heute an:
pause-none = Eine Zeit lang kommt nichts, dann geht es dort weiter, wo wir waren.
pause-months = { $n ->
    [one] Einen Monat lang
   *[other] { $n } Monate lang
}
pause-label = Bis zum
pause-until = Bis dahin pausieren
day-missing = Bitte wählen Sie zuerst einen Tag.
day-shape = Bitte schreiben Sie den Tag so: 2026-03-31.
day-past = Bitte wählen Sie einen Tag, der noch kommt.
day-far = Die längste Pause ist ein Jahr. Wenn Sie gar keine E-Mails möchten, beenden Sie sie ganz.
held = Was wir über Sie speichern
held-test = Hier liest ein Kontakt, wie viele Antworten, Käufe und E-Mails gespeichert sind.
held-details = Ihr Name, Ihre geschäftliche E-Mail-Adresse, Ihre Rolle und Ihr Unternehmen, soweit wir sie kennen.
held-answers = { $n ->
    [0] Keine Antworten.
    [one] 1 Antwort: Sie wird mit denen Ihrer Kolleginnen und Kollegen zu einem Ergebnis für Ihr Unternehmen zusammengezählt und vertraulich behandelt.
   *[other] { $n } Antworten: Sie werden mit denen Ihrer Kolleginnen und Kollegen zu einem Ergebnis für Ihr Unternehmen zusammengezählt und vertraulich behandelt.
}
held-purchases = { $n ->
    [one] 1 Kauf Ihres Unternehmens, bei dem Sie genannt sind.
   *[other] { $n } Käufe Ihres Unternehmens, bei denen Sie genannt sind.
}
held-incoming = { $n ->
    [one] 1 E-Mail, die von Ihrer Adresse zu uns zurückkam.
   *[other] { $n } E-Mails, die von Ihrer Adresse zu uns zurückkamen.
}
held-mails = { $n ->
    [0] Keine E-Mail, die wir Ihnen gesendet haben.
    [one] 1 E-Mail, die wir Ihnen gesendet haben:
   *[other] { $n } E-Mails, die wir Ihnen gesendet haben:
}
held-mail = { $date }: „{ $drip }“, E-Mail { $n }
held-reminder = { $date }: „{ $drip }“, Erinnerung an E-Mail { $n }
held-earlier = { $n ->
    [one] und 1 frühere
   *[other] und { $n } frühere
}
held-note = Dieser Link kann weitergegeben werden, deshalb zeigen wir hier keine Namen, Adressen oder Antworten. Wenn Sie alles zugesandt haben möchten, antworten Sie auf die E-Mail, die Sie hierher geführt hat.
erase = Alles über mich löschen
erase-question = Alles über Sie löschen?
erase-what = Ihre Angaben, Ihre Antworten und die Aufzeichnungen über unsere E-Mails an Sie werden endgültig gelöscht. An Ihre Adresse geht nie wieder eine E-Mail, und die Links in unseren E-Mails funktionieren nicht mehr. Das lässt sich nicht rückgängig machen.
erase-yes = Ja, alles löschen
erase-no = Nein, behalten
done-stop-drip = Sie erhalten keine E-Mails dieser Reihe mehr.
done-stop-all = Sie erhalten keine E-Mails mehr von uns.
done-resume = Sie erhalten unsere E-Mails wieder.
done-gap = { $n ->
    [one] Von nun an liegt zwischen zwei unserer E-Mails mindestens ein Tag.
   *[other] Von nun an liegen zwischen zwei unserer E-Mails mindestens { $n } Tage.
}
done-gap-end = Sie erhalten unsere E-Mails so oft wie zuvor.
done-pause = Sie erhalten vor dem { $date } keine E-Mail von uns.
done-pause-end = Die Pause ist beendet: Sie erhalten unsere E-Mails wieder.
done-erase = Alles über Sie wurde gelöscht.
unsubscribe-title = Keine E-Mails mehr
unsubscribe-question = Keine E-Mails mehr von uns?
unsubscribe-yes = Ja, keine E-Mails mehr
unsubscribe-less = Wenn Sie nur diese Reihe beenden oder weniger E-Mails erhalten möchten, nutzen Sie den anderen Link am Ende der E-Mail.
unsubscribed = Sie erhalten keine E-Mails mehr von uns
unsubscribed-undo = Ein Versehen? Hier können Sie es jetzt oder später zurücknehmen.
unsubscribe-undo = Rückgängig machen: wieder E-Mails an mich senden
unsubscribed-less = Wenn Sie auswählen möchten, welche E-Mails Sie erhalten, oder weniger möchten, nutzen Sie den anderen Link am Ende der E-Mail.
unsubscribe-gone = Sie stehen auf keiner unserer Listen
unsubscribe-gone-what = Sie erhalten keine E-Mails von uns, und wir speichern nichts über Sie.
resubscribed = Sie erhalten unsere E-Mails wieder
resubscribed-what = Alles ist wieder wie zuvor.
resubscribed-undo = Doch keine E-Mails mehr
