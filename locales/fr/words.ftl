# Pieces that every room builds with.

date = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year }
list-or = { $first } ou { $last }
list-and = { $first } et { $last }

least-likely = pas du tout probable
most-likely = extrêmement probable
