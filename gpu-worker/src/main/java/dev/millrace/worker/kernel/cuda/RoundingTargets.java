package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.KernelArguments;

/// Where a kernel that makes rows rounds them to (`rounding.cuh`), for each form that products take.
record RoundingTargets(RoundedRows blocks, RoundedRows superblocks) {

    /// Arguments of a kernel.
    static final int ARGUMENTS = 6;

    static final RoundingTargets NONE = new RoundingTargets(RoundedRows.NONE, RoundedRows.NONE);

    /// Adds the arguments of a kernel, nothing being rounded.
    static KernelArguments add(KernelArguments arguments) {
        for (int i = 0; i < ARGUMENTS; i++) {
            arguments.address(0);
        }
        return arguments;
    }

    /// @param first the first of the kernel's arguments for that
    void set(KernelArguments arguments, int first) {
        arguments.setAddress(first, blocks.quants());
        arguments.setAddress(first + 1, blocks.scales());
        arguments.setAddress(first + 2, blocks.sums());
        arguments.setAddress(first + 3, superblocks.quants());
        arguments.setAddress(first + 4, superblocks.scales());
        arguments.setAddress(first + 5, superblocks.sums());
    }
}
