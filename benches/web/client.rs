//! Requests on kept connections, one after the other on each.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub const CONNECTIONS: usize = 32;

pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n").into_bytes()
}

pub fn answer(path: &str) -> Vec<u8> {
    let body = "rev=0&one=4&two=2&three=5";
    let length = body.len();
    let head = "Content-Type: application/x-www-form-urlencoded";
    format!("POST {path} HTTP/1.1\r\nHost: bench\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// What a load came to.
pub struct Load {
    seconds: f64,
    /// In milliseconds, in order.
    times: Vec<f64>,
    /// Answered with 400 or more.
    pub refused: usize,
}

impl Load {
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }

    pub fn tail(&self) -> f64 {
        self.times.get(self.times.len() * 99 / 100).copied().unwrap_or(f64::NAN)
    }
}

/// Sends requests on each connection, one after the other, until time or requests run out.
pub fn drive(address: SocketAddr, lasts: Duration, request: impl Fn(usize) -> Option<Vec<u8>> + Sync) -> Load {
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let one = || {
        let mut client = Client::connect(address);
        let (mut times, mut refused) = (Vec::new(), 0);
        while begun.elapsed() < lasts {
            let Some(request) = request(next.fetch_add(1, Ordering::Relaxed)) else {
                break;
            };
            let asked = Instant::now();
            let status = client.ask(&request);
            times.push(asked.elapsed().as_secs_f64() * 1000.0);
            refused += usize::from(status >= 400);
        }
        (times, refused)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(one)).collect();
        let (mut times, mut refused) = (Vec::new(), 0);
        for thread in threads {
            let (own, not_taken) = thread.join().expect("a client");
            times.extend(own);
            refused += not_taken;
        }
        let seconds = begun.elapsed().as_secs_f64();
        times.sort_by(f64::total_cmp);
        Load {
            seconds,
            times,
            refused,
        }
    })
}

pub struct Client {
    stream: TcpStream,
    have: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Client {
        let begun = Instant::now();
        loop {
            match TcpStream::connect(address) {
                Ok(stream) => {
                    stream.set_nodelay(true).expect("a socket");
                    return Client {
                        stream,
                        have: Vec::with_capacity(32_768),
                    };
                }
                Err(error) => assert!(begun.elapsed() < Duration::from_secs(10), "no server: {error}"),
            }
        }
    }

    /// The answer's status; its body is read and thrown away.
    pub fn ask(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).expect("the server listens");
        self.have.clear();
        let mut block = [0; 16_384];
        let mut whole = usize::MAX;
        while self.have.len() < whole {
            let count = self.stream.read(&mut block).expect("an answer");
            assert!(count > 0, "the server hung up: {}", String::from_utf8_lossy(&self.have));
            self.have.extend_from_slice(&block[..count]);
            if whole == usize::MAX
                && let Some(end) = self.have.windows(4).position(|four| four == b"\r\n\r\n")
            {
                let head = String::from_utf8_lossy(&self.have[..end]).to_ascii_lowercase();
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
                whole = end + 4 + length.unwrap_or(0);
            }
        }
        let status = self.have.get(9..12).and_then(|code| std::str::from_utf8(code).ok());
        status.and_then(|code| code.parse().ok()).unwrap_or(0)
    }
}
