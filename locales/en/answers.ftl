# What is wrong with an answer.

fault-required = Please answer this question.
fault-every-row = Please answer every row.
fault-one-row = Answer at least one row.
fault-no-row = There is no row “{ $code }”.
fault-in-row = Row “{ $code }”: { $fault }
fault-one-option = Choose one option.
fault-pick-exactly = { $n ->
    [one] Choose exactly one option.
   *[other] Choose exactly { $n } options.
}
fault-pick-between = Choose { $min } to { $max } options.
fault-rank-exactly = { $n ->
    [one] Give place 1 to exactly one option.
   *[other] Rank exactly { $n } options, each with a place of its own.
}
fault-place-from-one = Places count from 1.
fault-place-shared = Two options share place { $place }.
fault-place-gap = Give the places 1, 2, 3 … without a gap.
fault-best-and-worst = Choose both the best and the worst.
fault-best-is-worst = The best and the worst cannot be the same.
fault-whole-points = Share out whole points from 0 to { $total }.
fault-points-sum = The points must add up to { $total }; these add up to { $sum }.
fault-whole-number = Give a whole number from { $min } to { $max }.
fault-no-number = “{ $text }” is no number.
fault-too-long = { $most ->
    [one] Write at most one character; these are { $length }.
   *[other] Write at most { $most } characters; these are { $length }.
}
fault-blank = The text is blank.
fault-control = The text holds a control character.
fault-twice = The same option stands twice.
fault-no-option = There is no option “{ $code }”.
fault-takes-no-text = The option “{ $code }” takes no text.
fault-no-opinion-kind = This question has no “no opinion”.
fault-no-opinion-beside = “No opinion” cannot stand beside other options.
fault-other-kind = This is no answer to this question.
