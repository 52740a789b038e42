# The words around a letter.

mail-answer-now = Répondre maintenant
mail-answer-here = Répondez ici :
mail-reminder = Rappel :
mail-reminder-note = Un petit rappel amical : nous vous avons écrit il y a quelques jours et serions heureux d’avoir votre réponse. Si ce n’est pas le bon moment, ce n’est pas grave.
mail-tap = Choisissez votre réponse ici ; vous pourrez la modifier à la page suivante.
mail-confidential = Vos réponses restent confidentielles ; elles ne sont montrées qu’additionnées à celles de vos collègues.
mail-view = Lire dans le navigateur
mail-preferences = Moins d’e-mails, ou ce que nous conservons sur vous
mail-unsubscribe = Ne plus recevoir ces e-mails
