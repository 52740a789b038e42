# What is given back after answering.

thanks-title = Gracias
thanks-arrived = Las respuestas han llegado. Ya puede cerrar esta página.
thanks-arrived-for = Las respuestas de { $company } han llegado. Ya puede cerrar esta página.
giveback-heading = Qué respondieron empresas como la suya
giveback-industry = Al menos { $n } empresas de su sector
giveback-tenure = Al menos { $n } empresas que son clientes desde hace más o menos el mismo tiempo que la suya
giveback-everybody = Al menos { $n } empresas
giveback-share = { $percent } %
giveback-scale = media en una escala de { $min } a { $max }
giveback-care = Las cifras están redondeadas y cada una reúne a tantas empresas que nadie puede deducir de ella una respuesta concreta.
