//! Forms as browsers post them: every field in its order, duplicates kept, UTF-8 and nothing else.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest};

use super::body;
use super::error::{AppError, Fault};

/// The longest form: RELIABILITY asks for 256 KiB.
const MOST_BYTES: usize = 256 * 1024;
/// A form whose fields are a whole part of the framework: thirty questions with twelve options and ten
/// needs take about 150 KiB, and as many as may stand in a set no more than this.
const MOST_BYTES_OF_LARGE: usize = 2 * 1024 * 1024;

/// The fields of a posted form, in order.
pub struct Form(pub Vec<(String, String)>);

/// A form of a page that edits much at once.
pub struct LargeForm(pub Form);

impl Form {
    /// The field's text, empty when it was not sent. Sent twice, nobody knows which is meant.
    pub fn text(&self, name: &str) -> Result<&str, AppError> {
        let mut values = self.0.iter().filter(|(field, _)| field == name);
        let first = values.next().map_or("", |(_, value)| value.as_str());
        match values.next() {
            None => Ok(first),
            Some(_) => Err(AppError::BadRequest(format!("The field {name} was sent twice."))),
        }
    }
}

/// What is wrong with a form, for its page to say beside each field.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    pub fn one(place: &str, message: impl Into<String>) -> Faults {
        Faults(vec![Fault::new(place, message)])
    }

    /// What is wrong with this field; under the empty name, with the form as a whole.
    pub fn of(&self, place: &str) -> Option<&str> {
        let found = self.0.iter().find(|fault| fault.place == place);
        found.map(|fault| fault.message.as_str())
    }
}

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, AppError>>>>;

impl FromRequest for Form {
    type Error = AppError;
    type Future = Reading<Form>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        read(request, payload, MOST_BYTES)
    }
}

impl FromRequest for LargeForm {
    type Error = AppError;
    type Future = Reading<LargeForm>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = read(request, payload, MOST_BYTES_OF_LARGE);
        Box::pin(async move { Ok(LargeForm(form.await?)) })
    }
}

fn read(request: &HttpRequest, payload: &mut Payload, most: usize) -> Reading<Form> {
    let content_type = request.headers().get(CONTENT_TYPE).cloned();
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let is_too_large = announced
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > most as u64);
    let mut payload = payload.take();
    Box::pin(async move {
        if is_too_large {
            return Err(AppError::TooLarge);
        }
        let bytes = body::read(&mut payload, most).await?;
        let is_form = content_type
            .as_ref()
            .and_then(|value| value.to_str().ok())
            .is_some_and(is_urlencoded);
        if !is_form && !bytes.is_empty() {
            let advice = "Send it as application/x-www-form-urlencoded.";
            return Err(AppError::UnsupportedMedia(advice.to_owned()));
        }
        let fields = parse(&bytes).ok_or_else(|| AppError::BadRequest("A field is not UTF-8 text.".to_owned()))?;
        Ok(Form(fields))
    })
}

fn is_urlencoded(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The library's own reading turns what is not UTF-8 into replacement signs; here it is a fault.
fn parse(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let pairs = bytes.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let at = pair.iter().position(|&byte| byte == b'=');
        let (name, value) = at.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
        Some((decode(name)?, decode(value)?))
    });
    pairs.collect()
}

fn decode(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match (byte, escaped(tail)) {
            (b'+', _) => b' ',
            (b'%', Some(escaped)) => {
                rest = &tail[2..];
                escaped
            }
            // A percent sign that begins no escape stands for itself, as browsers read it.
            (byte, _) => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn escaped(tail: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*tail.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        parse(text.as_bytes()).expect("UTF-8")
    }

    #[test]
    fn fields_keep_their_order_and_their_duplicates() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            parsed("b=1&a=M%C3%BCller+%26+S%c3%b6hne&b=2&empty=&bare&&c=d=e"),
            [
                pair("b", "1"),
                pair("a", "Müller & Söhne"),
                pair("b", "2"),
                pair("empty", ""),
                pair("bare", ""),
                pair("c", "d=e"),
            ]
        );
        assert_eq!(parsed("a=100%&b=%4"), [pair("a", "100%"), pair("b", "%4")]);
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        for text in ["a=%ff", "%ff=a", "a=%C3"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse(b"a=\xff"), None);
    }

    #[test]
    fn a_field_sent_twice_is_refused_where_one_is_meant() {
        let form = Form(parsed("a=1&a=2&b=3"));
        assert!(matches!(form.text("a"), Err(AppError::BadRequest(_))));
        assert_eq!(form.text("b").ok(), Some("3"));
        assert_eq!(form.text("c").ok(), Some(""));
    }
}
