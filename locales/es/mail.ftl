# The words around a letter.

mail-answer-now = Responder ahora
mail-answer-here = Responda aquí:
mail-reminder = Recordatorio:
mail-reminder-note = Un recordatorio amistoso: le escribimos hace unos días y nos gustaría conocer su respuesta. Si ahora no es buen momento, no pasa nada.
mail-tap = Elija aquí su respuesta; podrá cambiarla en la página siguiente.
mail-confidential = Sus respuestas son confidenciales; solo se muestran sumadas a las de sus colegas.
mail-view = Leer en el navegador
mail-preferences = Menos correos, o lo que guardamos sobre usted
mail-unsubscribe = No recibir más estos correos
