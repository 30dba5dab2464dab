package dev.millrace.worker.kernel.cuda.driver;

/// What a kernel takes at one place.
enum ArgumentKind {
    /// 8 bytes: an address or a long.
    ADDRESS,
    /// 4 bytes: an int.
    WHOLE,
    /// 4 bytes: a float.
    REAL
}
