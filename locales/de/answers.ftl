# What is wrong with an answer.

fault-required = Bitte beantworten Sie diese Frage.
fault-every-row = Bitte beantworten Sie jede Zeile.
fault-one-row = Bitte beantworten Sie mindestens eine Zeile.
fault-no-row = Die Zeile „{ $code }“ gibt es nicht.
fault-in-row = Zeile „{ $code }“: { $fault }
fault-one-option = Bitte wählen Sie eine Antwort.
fault-pick-exactly = { $n ->
    [one] Bitte wählen Sie genau eine Antwort.
   *[other] Bitte wählen Sie genau { $n } Antworten.
}
fault-pick-between = Bitte wählen Sie { $min } bis { $max } Antworten.
fault-rank-exactly = { $n ->
    [one] Bitte vergeben Sie genau einmal den Platz 1.
   *[other] Bitte vergeben Sie genau { $n } Plätze, jeden nur einmal.
}
fault-place-from-one = Die Plätze beginnen mit 1.
fault-place-shared = Zwei Antworten stehen auf Platz { $place }.
fault-place-gap = Bitte vergeben Sie die Plätze 1, 2, 3 … ohne Lücke.
fault-best-and-worst = Bitte wählen Sie beides: was am meisten und was am wenigsten zutrifft.
fault-best-is-worst = Am meisten und am wenigsten kann nicht dieselbe Antwort sein.
fault-whole-points = Bitte verteilen Sie ganze Punkte von 0 bis { $total }.
fault-points-sum = Die Punkte müssen zusammen { $total } ergeben; jetzt ergeben sie { $sum }.
fault-whole-number = Bitte geben Sie eine ganze Zahl von { $min } bis { $max } an.
fault-no-number = „{ $text }“ ist keine Zahl.
fault-too-long = { $most ->
    [one] Bitte schreiben Sie höchstens ein Zeichen; es sind { $length }.
   *[other] Bitte schreiben Sie höchstens { $most } Zeichen; es sind { $length }.
}
fault-blank = Der Text ist leer.
fault-control = Der Text enthält ein Steuerzeichen. Bitte tippen Sie ihn neu.
fault-twice = Dieselbe Antwort steht zweimal da.
fault-no-option = Die Antwort „{ $code }“ gibt es nicht.
fault-takes-no-text = Zur Antwort „{ $code }“ gehört kein eigener Text.
fault-no-opinion-kind = Bei dieser Frage gibt es kein „keine Angabe“.
fault-no-opinion-beside = „Keine Angabe“ kann nicht neben anderen Antworten stehen.
fault-other-kind = Das ist keine Antwort auf diese Frage.
