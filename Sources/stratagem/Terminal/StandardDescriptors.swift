import Glibc

/// Descriptors 0 to 2, open whatever the process was started with. The next file or pipe
/// that is opened would else become standard input or output: `solve -` would read a pipe of
/// its own for ever, and a message would be written into a store.
enum StandardDescriptors {
    /// First of all, before anything else is opened.
    ///
    /// What was closed can then be neither read nor written, and whoever tries is told so;
    /// standard error takes messages to nobody.
    static func complete() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The lowest one that is free: this one.
            _ = open("/dev/null", descriptor == STDOUT_FILENO ? O_RDONLY : O_WRONLY)
        }
    }
}
