# What is wrong with an answer.

fault-required = Responda a esta pregunta, por favor.
fault-every-row = Responda a todas las filas, por favor.
fault-one-row = Responda al menos a una fila.
fault-no-row = La fila «{ $code }» no existe.
fault-in-row = Fila «{ $code }»: { $fault }
fault-one-option = Elija una sola opción.
fault-pick-exactly = { $n ->
    [one] Elija exactamente una opción.
   *[other] Elija exactamente { $n } opciones.
}
fault-pick-between = Elija de { $min } a { $max } opciones.
fault-rank-exactly = { $n ->
    [one] Asigne el puesto 1 a una sola opción.
   *[other] Ordene exactamente { $n } opciones, cada una en su propio puesto.
}
fault-place-from-one = Los puestos se cuentan a partir de 1.
fault-place-shared = Dos opciones comparten el puesto { $place }.
fault-place-gap = Asigne los puestos 1, 2, 3… sin saltarse ninguno.
fault-best-and-worst = Elija tanto lo que más como lo que menos.
fault-best-is-worst = Lo que más y lo que menos no pueden ser la misma opción.
fault-whole-points = Reparta puntos enteros, de 0 a { $total }.
fault-points-sum = Los puntos deben sumar { $total }; ahora suman { $sum }.
fault-whole-number = Indique un número entero de { $min } a { $max }.
fault-no-number = «{ $text }» no es un número.
fault-too-long = { $most ->
    [one] Escriba como máximo un carácter; su texto tiene { $length }.
   *[other] Escriba como máximo { $most } caracteres; su texto tiene { $length }.
}
fault-blank = El texto está vacío.
fault-control = El texto contiene un carácter de control. Escríbalo de nuevo, por favor.
fault-twice = La misma opción aparece dos veces.
fault-no-option = La opción «{ $code }» no existe.
fault-takes-no-text = La opción «{ $code }» no admite texto.
fault-no-opinion-kind = Esta pregunta no admite «sin opinión».
fault-no-opinion-beside = «Sin opinión» no puede ir junto a otras opciones.
fault-other-kind = Eso no responde a esta pregunta.
