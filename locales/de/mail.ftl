# The words around a letter.

mail-answer-now = Jetzt antworten
mail-answer-here = Hier antworten:
mail-reminder = Erinnerung:
mail-reminder-note = Eine freundliche Erinnerung: Wir haben Ihnen vor einigen Tagen geschrieben und würden gern noch von Ihnen hören. Wenn es gerade nicht passt, ist das auch in Ordnung.
mail-tap = Wählen Sie hier Ihre Antwort; auf der nächsten Seite können Sie sie noch ändern.
mail-confidential = Ihre Antworten werden vertraulich behandelt und nur zusammen mit denen Ihrer Kolleginnen und Kollegen gezeigt.
mail-view = Im Browser lesen
mail-preferences = Weniger E-Mails, oder was wir über Sie speichern
mail-unsubscribe = Keine dieser E-Mails mehr
