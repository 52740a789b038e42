# What is given back after answering.

thanks-title = Merci
thanks-arrived = Les réponses sont bien arrivées. Vous pouvez fermer cette page.
thanks-arrived-for = Les réponses pour { $company } sont bien arrivées. Vous pouvez fermer cette page.
giveback-heading = Ce qu’ont répondu des entreprises comme la vôtre
giveback-industry = Au moins { $n } entreprises de votre secteur
giveback-tenure = Au moins { $n } entreprises clientes depuis à peu près aussi longtemps que la vôtre
giveback-everybody = Au moins { $n } entreprises
giveback-share = { $percent } %
giveback-scale = moyenne sur une échelle de { $min } à { $max }
giveback-care = Les chiffres sont arrondis et chacun réunit assez d’entreprises pour que personne ne puisse en déduire une réponse isolée.
