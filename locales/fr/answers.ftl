# What is wrong with an answer.

fault-required = Veuillez répondre à cette question.
fault-every-row = Veuillez répondre à chaque ligne.
fault-one-row = Répondez à au moins une ligne.
fault-no-row = La ligne « { $code } » n’existe pas.
fault-in-row = Ligne « { $code } » : { $fault }
fault-one-option = Choisissez une seule réponse.
fault-pick-exactly = { $n ->
    [one] Choisissez exactement une réponse.
   *[other] Choisissez exactement { $n } réponses.
}
fault-pick-between = Choisissez de { $min } à { $max } réponses.
fault-rank-exactly = { $n ->
    [one] Attribuez la place 1 à une seule réponse.
   *[other] Classez exactement { $n } réponses, chacune à sa propre place.
}
fault-place-from-one = Les places se comptent à partir de 1.
fault-place-shared = Deux réponses occupent la place { $place }.
fault-place-gap = Attribuez les places 1, 2, 3… sans en sauter.
fault-best-and-worst = Choisissez à la fois le plus et le moins important.
fault-best-is-worst = Le plus et le moins important ne peuvent pas être la même réponse.
fault-whole-points = Répartissez des points entiers, de 0 à { $total }.
fault-points-sum = Le total des points doit être de { $total } ; il est de { $sum }.
fault-whole-number = Indiquez un nombre entier de { $min } à { $max }.
fault-no-number = « { $text } » n’est pas un nombre.
fault-too-long = { $most ->
    [one] Écrivez au plus { $most } caractère ; votre texte en compte { $length }.
   *[other] Écrivez au plus { $most } caractères ; votre texte en compte { $length }.
}
fault-blank = Le texte est vide.
fault-control = Le texte contient un caractère de contrôle. Veuillez le saisir à nouveau.
fault-twice = La même réponse figure deux fois.
fault-no-option = La réponse « { $code } » n’existe pas.
fault-takes-no-text = La réponse « { $code } » n’accepte pas de texte.
fault-no-opinion-kind = Cette question ne permet pas de rester sans avis.
fault-no-opinion-beside = « Sans avis » ne peut pas accompagner d’autres réponses.
fault-other-kind = Cela ne répond pas à cette question.
