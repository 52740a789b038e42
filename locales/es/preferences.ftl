# Preferences, unsubscribing, removal.

prefs-title = Sus correos
prefs-heading = Sus correos de { $sender }
prefs-undo = Deshacer
prefs-gone = Usted no figura en ninguna de nuestras listas y no guardamos nada sobre usted. Para que ninguna importación posterior vuelva a incluirle, queda un código calculado a partir de su dirección; de él no se puede deducir su dirección.
all-stopped = Usted no recibe correos nuestros
all-stopped-wished = Usted nos pidió que no le enviáramos ninguno más.
resume-all = Volver a recibir correos
barred-bounced = Nuestros correos a su dirección fueron devueltos, por eso ya no enviamos más.
barred-complained = Desde su dirección nos llegó una queja sobre nuestros correos, por eso ya no enviamos más.
barred = Su dirección está en la lista de aquellas a las que no escribimos.
drip-stopped = Usted ya no recibe la serie «{ $drip }»
drip-stopped-others = Es posible que reciba otros correos nuestros.
resume-drip = Volver a recibir esta serie
stop-all = No recibir ningún correo más
drip-on = Usted recibe la serie «{ $drip }»
stop-drip = No recibir más esta serie
fewer = Menos correos
gap-now = { $n ->
    [one] Entre dos correos nuestros pasa al menos un día.
   *[other] Entre dos correos nuestros pasan al menos { $n } días.
}
gap-none = Los correos llegan al ritmo previsto por la serie. Puede espaciarlos más; ninguno se pierde, solo espera.
gap-choose = { $n ->
    [one] Un día entre correos
   *[other] { $n } días entre correos
}
gap-end = Con la misma frecuencia que antes
pause = Una pausa
pause-now = No recibirá nada antes del { $date }.
pause-end = Terminar la pausa
pause-other = O elija otra duración, a partir de hoy:
pause-none = Durante un tiempo no recibe nada; después seguimos donde lo dejamos.
pause-months = { $n ->
    [one] Durante 1 mes
   *[other] Durante { $n } meses
}
pause-label = Hasta el
pause-until = Pausar hasta entonces
day-missing = Elija primero un día.
day-shape = Escriba el día así: 2026-03-31.
day-past = Elija un día que esté por venir.
day-far = La pausa más larga es de un año. Si no quiere recibir ningún correo, deténgalos del todo.
held = Lo que guardamos sobre usted
held-test = Aquí un contacto lee cuántas respuestas, compras y correos se guardan.
held-details = Su nombre, su dirección profesional, su función y su empresa, en la medida en que los conocemos.
held-answers = { $n ->
    [0] Ninguna respuesta.
    [one] 1 respuesta: se suma a las de sus colegas en un único resultado de su empresa y es confidencial.
   *[other] { $n } respuestas: se suman a las de sus colegas en un único resultado de su empresa y son confidenciales.
}
held-purchases = { $n ->
    [one] 1 compra de su empresa en la que figura su nombre.
   *[other] { $n } compras de su empresa en las que figura su nombre.
}
held-incoming = { $n ->
    [one] 1 correo que nos llegó de vuelta desde su dirección.
   *[other] { $n } correos que nos llegaron de vuelta desde su dirección.
}
held-mails = { $n ->
    [0] Ningún correo enviado por nosotros.
    [one] 1 correo que le enviamos:
   *[other] { $n } correos que le enviamos:
}
held-mail = { $date }: «{ $drip }», correo { $n }
held-reminder = { $date }: «{ $drip }», recordatorio del correo { $n }
held-earlier = { $n ->
    [one] y 1 anterior
   *[other] y { $n } anteriores
}
held-note = Este enlace puede reenviarse, por eso no mostramos aquí nombres, direcciones ni respuestas. Para recibirlo todo, responda al correo que le trajo hasta aquí.
erase = Eliminar todo sobre mí
erase-question = ¿Eliminar todo sobre usted?
erase-what = Sus datos, sus respuestas y el registro de nuestros correos se eliminan definitivamente. No se enviará nada más a su dirección y los enlaces de nuestros correos dejarán de funcionar. Esto no se puede deshacer.
erase-yes = Sí, eliminar todo
erase-no = No, conservarlo
done-stop-drip = Ya no recibirá más correos de esta serie.
done-stop-all = Ya no recibirá más correos nuestros.
done-resume = Volverá a recibir nuestros correos.
done-gap = { $n ->
    [one] A partir de ahora pasará al menos un día entre dos correos nuestros.
   *[other] A partir de ahora pasarán al menos { $n } días entre dos correos nuestros.
}
done-gap-end = Recibirá nuestros correos con la misma frecuencia que antes.
done-pause = No recibirá ningún correo nuestro antes del { $date }.
done-pause-end = La pausa ha terminado: volverá a recibir nuestros correos.
done-erase = Se ha eliminado todo sobre usted.
unsubscribe-title = No más correos
unsubscribe-question = ¿No recibir más correos nuestros?
unsubscribe-yes = Sí, no más correos
unsubscribe-less = Para detener solo esta serie o recibir menos correos, use el otro enlace al pie del correo.
unsubscribed = Ya no recibirá más correos nuestros
unsubscribed-undo = ¿Un error? Aquí puede deshacerlo, ahora o más tarde.
unsubscribe-undo = Deshacer: volver a recibir correos
unsubscribed-less = Para elegir qué correos recibe o recibir menos, use el otro enlace al pie del correo.
unsubscribe-gone = Usted no figura en ninguna de nuestras listas
unsubscribe-gone-what = No recibe correos nuestros y no guardamos nada sobre usted.
resubscribed = Volverá a recibir nuestros correos
resubscribed-what = Todo está como antes.
resubscribed-undo = Finalmente, no más correos
