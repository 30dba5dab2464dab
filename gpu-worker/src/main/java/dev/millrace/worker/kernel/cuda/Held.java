package dev.millrace.worker.kernel.cuda;

/// Operations that launch their last kernel only when the next operation is known, which may let it do more at once.
interface Held {

    /// Launches what is held back, as another operation comes.
    void settle();

    /// Drops what is held back, as the step is given up.
    void forget();
}
