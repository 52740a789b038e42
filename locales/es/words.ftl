# Pieces that every room builds with.

date = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
} de { $year }
list-or = { $first } o { $last }
list-and = { $first } y { $last }

least-likely = nada probable
most-likely = muy probable
