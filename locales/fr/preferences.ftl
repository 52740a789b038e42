# Preferences, unsubscribing, removal.

prefs-title = Vos e-mails
prefs-heading = Les e-mails que vous envoie { $sender }
prefs-undo = Annuler
prefs-gone = Vous ne figurez sur aucune de nos listes et nous ne conservons rien sur vous. Pour qu’aucune importation ultérieure ne vous réinscrive, un code calculé à partir de votre adresse est conservé ; il ne permet pas de la retrouver.
all-stopped = Vous ne recevez plus d’e-mails de notre part
all-stopped-wished = Vous nous avez demandé de ne plus vous en envoyer.
resume-all = Recevoir à nouveau des e-mails
barred-bounced = Nos e-mails à votre adresse nous sont revenus ; nous n’en envoyons donc plus.
barred-complained = Une plainte concernant nos e-mails nous est parvenue de votre adresse ; nous n’en envoyons donc plus.
barred = Votre adresse figure sur la liste de celles auxquelles nous n’écrivons pas.
drip-stopped = Vous ne recevez plus la série « { $drip } »
drip-stopped-others = D’autres e-mails de notre part peuvent encore vous parvenir.
resume-drip = Recevoir à nouveau cette série
stop-all = Plus aucun e-mail
drip-on = Vous recevez la série « { $drip } »
stop-drip = Ne plus recevoir cette série
fewer = Moins d’e-mails
gap-now = { $n ->
    [one] Au moins un jour sépare deux de nos e-mails.
   *[other] Au moins { $n } jours séparent deux de nos e-mails.
}
gap-none = Les e-mails arrivent au rythme prévu par la série. Vous pouvez les espacer davantage ; aucun n’est perdu, il attend simplement.
gap-choose = { $n ->
    [one] { $n } jour d’intervalle
   *[other] { $n } jours d’intervalle
}
gap-end = Aussi souvent qu’avant
pause = Une pause
pause-now = Vous ne recevrez rien avant le { $date }.
pause-end = Mettre fin à la pause
pause-other = Ou choisissez une autre durée, à partir d’aujourd’hui :
pause-none = Vous ne recevez rien pendant un certain temps, puis nous reprenons là où nous en étions.
pause-months = { $n ->
    [one] Pendant { $n } mois
   *[other] Pendant { $n } mois
}
pause-label = Jusqu’au
pause-until = Suspendre jusque-là
day-missing = Choisissez d’abord un jour.
day-shape = Écrivez la date sous la forme 2026-03-31.
day-past = Choisissez un jour à venir.
day-far = La pause la plus longue est d’un an. Pour ne plus rien recevoir, arrêtez tous les e-mails.
held = Ce que nous conservons sur vous
held-test = Un contact lit ici combien de réponses, d’achats et d’e-mails sont conservés.
held-details = Votre nom, votre adresse professionnelle, votre fonction et votre entreprise, dans la mesure où nous les connaissons.
held-answers = { $n ->
    [0] Aucune réponse.
    [one] { $n } réponse : additionnée à celles de vos collègues en un seul résultat pour votre entreprise, et confidentielle.
   *[other] { $n } réponses : additionnées à celles de vos collègues en un seul résultat pour votre entreprise, et confidentielles.
}
held-purchases = { $n ->
    [one] { $n } achat de votre entreprise où vous êtes nommé.
   *[other] { $n } achats de votre entreprise où vous êtes nommé.
}
held-incoming = { $n ->
    [one] { $n } e-mail qui nous est revenu de votre adresse.
   *[other] { $n } e-mails qui nous sont revenus de votre adresse.
}
held-mails = { $n ->
    [0] Aucun e-mail envoyé par nos soins.
    [one] { $n } e-mail que nous vous avons envoyé :
   *[other] { $n } e-mails que nous vous avons envoyés :
}
held-mail = { $date } : « { $drip } », e-mail { $n }
held-reminder = { $date } : « { $drip } », rappel de l’e-mail { $n }
held-earlier = { $n ->
    [one] et { $n } plus ancien
   *[other] et { $n } plus anciens
}
held-note = Ce lien peut être transmis, c’est pourquoi nous n’affichons ici ni noms, ni adresses, ni réponses. Pour tout recevoir, répondez à l’e-mail qui vous a conduit ici.
erase = Supprimer tout ce qui me concerne
erase-question = Supprimer tout ce qui vous concerne ?
erase-what = Vos données, vos réponses et l’historique de nos e-mails sont définitivement supprimés. Plus aucun e-mail ne sera envoyé à votre adresse et les liens de nos e-mails ne fonctionneront plus. Cette suppression est irréversible.
erase-yes = Oui, tout supprimer
erase-no = Non, conserver
done-stop-drip = Vous ne recevrez plus d’e-mails de cette série.
done-stop-all = Vous ne recevrez plus d’e-mails de notre part.
done-resume = Vous recevrez à nouveau nos e-mails.
done-gap = { $n ->
    [one] Désormais, au moins un jour séparera deux de nos e-mails.
   *[other] Désormais, au moins { $n } jours sépareront deux de nos e-mails.
}
done-gap-end = Vous recevrez nos e-mails aussi souvent qu’avant.
done-pause = Vous ne recevrez aucun e-mail de notre part avant le { $date }.
done-pause-end = La pause est terminée : vous recevrez à nouveau nos e-mails.
done-erase = Tout ce qui vous concerne a été supprimé.
unsubscribe-title = Plus d’e-mails
unsubscribe-question = Ne plus recevoir nos e-mails ?
unsubscribe-yes = Oui, plus d’e-mails
unsubscribe-less = Pour arrêter uniquement cette série ou recevoir moins d’e-mails, utilisez l’autre lien au bas de l’e-mail.
unsubscribed = Vous ne recevrez plus d’e-mails de notre part
unsubscribed-undo = Une erreur ? Vous pouvez revenir dessus ici, maintenant ou plus tard.
unsubscribe-undo = Annuler : recevoir à nouveau des e-mails
unsubscribed-less = Pour choisir les e-mails que vous recevez ou en recevoir moins, utilisez l’autre lien au bas de l’e-mail.
unsubscribe-gone = Vous ne figurez sur aucune de nos listes
unsubscribe-gone-what = Vous ne recevez pas d’e-mails de notre part et nous ne conservons rien sur vous.
resubscribed = Vous recevrez à nouveau nos e-mails
resubscribed-what = Tout est comme avant.
resubscribed-undo = Finalement, plus d’e-mails
