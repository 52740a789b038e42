//! How a body is read: never more than the limit, never longer than the deadline.
//!
//! actix has no deadline for bodies: a client that stalls half-way would hold its connection for ever.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use tokio::time::{Sleep, sleep};

use super::error::AppError;

/// A form: a page's worth of typing.
const FORM_DEADLINE: Duration = Duration::from_secs(15);
/// A file or many rows of JSON over a slow line.
const BULK_DEADLINE: Duration = Duration::from_secs(120);

/// How long the body of this request may take.
pub fn deadline(request: &HttpRequest) -> Duration {
    let is_bulk = ["/api/", "/imports"]
        .iter()
        .any(|prefix| request.path().starts_with(prefix));
    if is_bulk { BULK_DEADLINE } else { FORM_DEADLINE }
}

/// The same body, which fails when the deadline has come, or when nothing came for as long as a
/// whole form may take.
pub fn limited(payload: Payload, deadline: Duration) -> Payload {
    if matches!(payload, Payload::None) {
        return payload;
    }
    Payload::Stream {
        payload: Box::pin(Limited {
            payload,
            whole: Box::pin(sleep(deadline)),
            silence: Box::pin(sleep(FORM_DEADLINE)),
        }),
    }
}

/// The whole body, `most` bytes at most.
pub async fn read(payload: &mut Payload, most: usize) -> Result<Bytes, AppError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(fault)?;
        if body.len() + chunk.len() > most {
            return Err(AppError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn fault(error: PayloadError) -> AppError {
    match error {
        PayloadError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => AppError::Slow,
        PayloadError::Overflow => AppError::TooLarge,
        error => AppError::BadRequest(format!("The request broke off: {error}.")),
    }
}

struct Limited {
    payload: Payload,
    whole: Pin<Box<Sleep>>,
    silence: Pin<Box<Sleep>>,
}

impl Stream for Limited {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Poll::Ready(chunk) = this.payload.poll_next_unpin(context) {
            let next = tokio::time::Instant::now() + FORM_DEADLINE;
            this.silence.as_mut().reset(next);
            return Poll::Ready(chunk);
        }
        let late = this.whole.as_mut().poll(context).is_ready() || this.silence.as_mut().poll(context).is_ready();
        if late {
            let error = std::io::Error::from(std::io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(PayloadError::Io(error))));
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(chunks: Vec<&'static [u8]>, then_stalls: bool) -> Payload {
        let chunks = chunks.into_iter().map(|chunk| Ok(Bytes::from_static(chunk)));
        let stream = futures_util::stream::iter(chunks);
        let payload: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = if then_stalls {
            Box::pin(stream.chain(futures_util::stream::pending()))
        } else {
            Box::pin(stream)
        };
        Payload::Stream { payload }
    }

    #[actix_web::test]
    async fn a_body_is_read_up_to_its_limit() {
        let whole = read(&mut payload(vec![b"ab", b"cd"], false), 4).await;
        assert_eq!(whole.expect("a body"), "abcd");
        let more = read(&mut payload(vec![b"ab", b"cde"], false), 4).await;
        assert!(matches!(more, Err(AppError::TooLarge)));
    }

    #[actix_web::test]
    async fn a_body_that_stalls_is_given_up() {
        let mut stalled = limited(payload(vec![b"ab"], true), Duration::from_millis(20));
        let read = read(&mut stalled, 100).await;
        assert!(matches!(read, Err(AppError::Slow)));
    }
}
