package dev.millrace.worker.kernel.cpu;

/// Work in units that do not depend on each other. A task is made once and filled for each call, so a step allocates
/// nothing.
interface Task {

    /// Does one unit; `thread` is the number of the thread, which owns the scratch of that number.
    void run(int unit, int thread);
}
