# What respondents read when something goes wrong.

error-unknown = No encontrado
error-unknown-what = No hay nada en esta dirección. Puede que el enlace sea antiguo o que le falte un carácter.
error-unreadable = No se pudo leer la solicitud
error-unreadable-what = Una parte de la dirección o del formulario no tiene la forma correcta. Abra de nuevo el enlace de su correo, por favor.
error-slow = Ha tardado demasiado
error-slow-what = La solicitud no llegó a tiempo. Envíela de nuevo, por favor.
error-large = Demasiado de una vez
error-large-what = Lo que ha enviado es más de lo que admite esta página. Vuelva atrás y acorte su texto, por favor.
error-often = Demasiados intentos
error-often-what = { $n ->
    [one] Espere un segundo y vuelva a intentarlo, por favor.
   *[other] Espere { $n } segundos y vuelva a intentarlo, por favor.
}
error-away = Volvemos en un momento
error-away-what = No se puede acceder a la base de datos. No se ha guardado nada; vuelva a intentarlo en unos segundos, por favor.
error-ours = Algo ha fallado
error-ours-what = El error es nuestro, no suyo. Vuelva a intentarlo y, si persiste, indíquenos el número de abajo, por favor.
error-number = Número
error-retry = Volver a intentar
