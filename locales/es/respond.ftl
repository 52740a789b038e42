# The form and the pages around it.

form-of = { $n } de { $all }
form-page = Página { $n } de { $all }
form-asks = { $sender } le pregunta sobre { $company }.
form-required = (obligatoria)
form-only-if = Solo si a { $question } respondió { $answer }.
form-kept = Ya respondió a esta pregunta. Su respuesta no se muestra, porque los enlaces se reenvían; déjela en blanco para conservarla.
form-own-words = Con sus propias palabras
form-choose = Elija { $n }.
form-choose-all = Elija todo lo que corresponda.
form-choose-up-to = Elija { $n } como máximo.
form-choose-between = Elija de { $min } a { $max }.
form-end = { $n } = { $words }
form-rank = { $n ->
    [one] Dé el puesto 1 a lo que más importa.
   *[other] Dé su puesto a los { $n } que más importan; el 1 es el primero.
}
form-rank-tap = Elíjalos por orden; elija uno otra vez para quitarlo.
form-place = puesto { $n }
form-no-place = sin puesto
form-most = Más
form-least = Menos
form-extremes = Elija uno de cada.
form-share = Reparta { $total } puntos.
form-left = Quedan: { $n }
form-back = Atrás
form-continue = Continuar
form-send = Enviar respuestas
form-missing = Todavía falta algo.
form-nothing = Aún no ha respondido nada. Responda al menos a una pregunta, por favor.
form-stale = Entretanto se respondió desde otra página.
form-stale-what = Abajo está lo que acaba de escribir. Envíelo otra vez si ha de contar en su lugar.
form-stale-keep = Conservar lo enviado
form-confidential = Sus respuestas son confidenciales: se suman a las de sus colegas para formar una imagen de lo que necesita su empresa. No son anónimas.
form-kept-by-page = Cada página se guarda en cuanto continúa; con el enlace de su correo puede terminar más tarde, también en otro dispositivo.
form-one-person = Este enlace es para una sola persona.
form-not-you = ¿No es usted?
closed-title = Estas preguntas están cerradas
closed-until = Se podían responder hasta el { $date }. Gracias por abrirlas de todos modos.
closed-until-about = Las preguntas sobre { $company } se podían responder hasta el { $date }. Gracias por abrirlas de todos modos.
closed-mails = Todavía puede elegir qué correos quiere recibir de nosotros.
closed-preferences = Sus correos
later-title = Ahora mismo no se pudieron guardar sus respuestas
later-what = Nada de lo que escribió se ha perdido: está guardado en esta página. Inténtelo de nuevo en un momento, por favor.
later-again = Intentar de nuevo
