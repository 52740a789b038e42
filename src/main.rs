fn main() {
    // The command line arrives with its room.
}
