# The form and the pages around it.

form-of = { $n } sur { $all }
form-page = Page { $n } sur { $all }
form-asks = { $sender } vous interroge au sujet de { $company }.
form-required = (obligatoire)
form-only-if = Seulement si vous avez répondu { $answer } à { $question }.
form-kept = Vous avez déjà répondu à cette question. Votre réponse n’est pas affichée, car les liens se transmettent ; laissez ceci vide pour la garder.
form-own-words = Avec vos propres mots
form-choose = Choisissez-en { $n }.
form-choose-all = Choisissez tout ce qui convient.
form-choose-up-to = Choisissez-en { $n } au plus.
form-choose-between = Choisissez-en de { $min } à { $max }.
form-end = { $n } = { $words }
form-rank = { $n ->
    [one] Donnez la place 1 à ce qui compte le plus.
   *[other] Donnez leur place aux { $n } qui comptent le plus ; 1 est la première.
}
form-rank-tap = Choisissez-les dans l’ordre ; choisissez de nouveau pour reprendre.
form-place = place { $n }
form-no-place = aucune place
form-most = Le plus
form-least = Le moins
form-extremes = Choisissez-en un de chaque.
form-share = Répartissez { $total } points.
form-left = Reste : { $n }
form-back = Retour
form-continue = Continuer
form-send = Envoyer les réponses
form-missing = Il manque encore quelque chose.
form-nothing = Rien n’a encore été répondu. Veuillez répondre à une question au moins.
form-stale = Entre-temps, une réponse a été donnée depuis une autre page.
form-stale-what = Vous trouvez ci-dessous ce que vous venez de saisir. Envoyez-le de nouveau s’il doit compter à la place.
form-stale-keep = Garder ce qui a été envoyé
form-confidential = Vos réponses restent confidentielles : réunies à celles de vos collègues, elles donnent une image des besoins de votre entreprise. Elles ne sont pas anonymes.
form-kept-by-page = Chaque page est gardée dès que vous continuez ; avec le lien de votre e-mail, vous pouvez finir plus tard, même sur un autre appareil.
form-one-person = Ce lien est destiné à une seule personne.
form-not-you = Ce n’est pas vous ?
closed-title = Ces questions sont closes
closed-until = On pouvait y répondre jusqu’au { $date }. Merci de les avoir ouvertes malgré tout.
closed-until-about = On pouvait répondre aux questions sur { $company } jusqu’au { $date }. Merci de les avoir ouvertes malgré tout.
closed-mails = Vous pouvez toujours choisir les e-mails que vous voulez recevoir de nous.
closed-preferences = Vos e-mails
later-title = Vos réponses n’ont pas pu être enregistrées
later-what = Rien de ce que vous avez saisi n’est perdu : cette page l’a gardé. Veuillez réessayer dans un instant.
later-again = Réessayer
