//! The words around a letter, in the recipient's language: what the author did not write.

/// The frame's words. What stands in a sentence's place is text, never HTML.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    pub answer_now: &'static str,
    pub answer_here: &'static str,
    /// Put before the subject.
    pub reminder: &'static str,
    pub reminder_note: &'static str,
    /// Above the options that one tap answers.
    pub tap: &'static str,
    /// What nought and ten mean where someone is asked how likely they are to recommend.
    pub least_likely: &'static str,
    pub most_likely: &'static str,
    pub confidential: &'static str,
    pub view: &'static str,
    pub preferences: &'static str,
    pub unsubscribe: &'static str,
}

const ENGLISH: Frame = Frame {
    answer_now: "Answer now",
    answer_here: "Answer here:",
    reminder: "Reminder:",
    reminder_note: "A friendly reminder: we wrote to you a few days ago and would still like to hear from you. If now is not a good time, that is fine too.",
    tap: "Choose your answer here; you can change it on the next page.",
    least_likely: "not at all likely",
    most_likely: "extremely likely",
    confidential: "Your answers are kept confidential; they are shown added up with those of your colleagues.",
    view: "Read in the browser",
    preferences: "Fewer mails, or what we keep about you",
    unsubscribe: "No more of these mails",
};

const GERMAN: Frame = Frame {
    answer_now: "Jetzt antworten",
    answer_here: "Hier antworten:",
    reminder: "Erinnerung:",
    reminder_note: "Eine freundliche Erinnerung: Wir haben Ihnen vor einigen Tagen geschrieben und würden gern noch von Ihnen hören. Wenn es gerade nicht passt, ist das auch in Ordnung.",
    tap: "Wählen Sie hier Ihre Antwort; auf der nächsten Seite können Sie sie noch ändern.",
    least_likely: "überhaupt nicht wahrscheinlich",
    most_likely: "äußerst wahrscheinlich",
    confidential: "Ihre Antworten werden vertraulich behandelt und nur zusammen mit denen Ihrer Kolleginnen und Kollegen gezeigt.",
    view: "Im Browser lesen",
    preferences: "Weniger Mails, oder was wir über Sie speichern",
    unsubscribe: "Keine dieser Mails mehr",
};

const FRENCH: Frame = Frame {
    answer_now: "Répondre maintenant",
    answer_here: "Répondez ici :",
    reminder: "Rappel :",
    reminder_note: "Un petit rappel amical : nous vous avons écrit il y a quelques jours et serions heureux d’avoir votre réponse. Si ce n’est pas le bon moment, ce n’est pas grave.",
    tap: "Choisissez votre réponse ici ; vous pourrez la modifier à la page suivante.",
    least_likely: "pas du tout probable",
    most_likely: "extrêmement probable",
    confidential: "Vos réponses restent confidentielles ; elles ne sont montrées qu’additionnées à celles de vos collègues.",
    view: "Lire dans le navigateur",
    preferences: "Moins de mails, ou ce que nous conservons sur vous",
    unsubscribe: "Ne plus recevoir ces mails",
};

const SPANISH: Frame = Frame {
    answer_now: "Responder ahora",
    answer_here: "Responda aquí:",
    reminder: "Recordatorio:",
    reminder_note: "Un recordatorio amistoso: le escribimos hace unos días y nos gustaría conocer su respuesta. Si ahora no es buen momento, no pasa nada.",
    tap: "Elija aquí su respuesta; podrá cambiarla en la página siguiente.",
    least_likely: "nada probable",
    most_likely: "muy probable",
    confidential: "Sus respuestas son confidenciales; solo se muestran sumadas a las de sus colegas.",
    view: "Leer en el navegador",
    preferences: "Menos correos, o lo que guardamos sobre usted",
    unsubscribe: "No recibir más estos correos",
};

/// The frame in that language (`de`, `de-AT`), else in English.
pub fn of(language: &str) -> &'static Frame {
    match primary(language).as_str() {
        "de" => &GERMAN,
        "fr" => &FRENCH,
        "es" => &SPANISH,
        _ => &ENGLISH,
    }
}

/// A language tag fit for a `lang` attribute: the contact's, or English where it has none that is one.
pub fn tag(language: Option<&str>) -> &str {
    let is_tag = |tag: &&str| {
        (2..=35).contains(&tag.len())
            && tag.starts_with(|c: char| c.is_ascii_alphabetic())
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    language.map(str::trim).filter(is_tag).unwrap_or("en")
}

/// Whether the language is written from right to left.
pub fn is_rtl(language: &str) -> bool {
    const RTL: [&str; 10] = ["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];
    RTL.contains(&primary(language).as_str())
}

fn primary(language: &str) -> String {
    language.split('-').next().unwrap_or_default().to_ascii_lowercase()
}

#[test]
fn a_language_has_its_words_and_its_direction() {
    assert_eq!(of("de-AT").answer_now, "Jetzt antworten");
    assert_eq!(of("tlh").answer_now, "Answer now");
    assert!(is_rtl("AR-eg") && !is_rtl("arn"));
    assert_eq!(tag(Some("\"><x")), "en");
    assert_eq!(tag(Some("pt-BR")), "pt-BR");
}
