# What respondents read when something goes wrong.

error-unknown = Page introuvable
error-unknown-what = Il n’y a rien à cette adresse. Le lien est peut-être ancien, ou il y manque un caractère.
error-unreadable = Cette demande n’a pas pu être lue
error-unreadable-what = Une partie de l’adresse ou du formulaire n’a pas la bonne forme. Veuillez rouvrir le lien de votre e-mail.
error-slow = Cela a pris trop de temps
error-slow-what = La demande n’est pas arrivée à temps. Veuillez l’envoyer à nouveau.
error-large = Trop d’un seul coup
error-large-what = Votre envoi dépasse ce que cette page accepte. Revenez en arrière et raccourcissez votre texte.
error-often = Trop de tentatives
error-often-what = { $n ->
    [one] Veuillez patienter { $n } seconde, puis réessayer.
   *[other] Veuillez patienter { $n } secondes, puis réessayer.
}
error-away = De retour dans un instant
error-away-what = La base de données est injoignable. Rien n’a été enregistré ; veuillez réessayer dans quelques secondes.
error-ours = Une erreur s’est produite
error-ours-what = L’erreur vient de nous, pas de vous. Veuillez réessayer et, si elle persiste, nous indiquer le numéro ci-dessous.
error-number = Numéro
error-retry = Réessayer
