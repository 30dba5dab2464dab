package dev.millrace.worker.ledger;

import java.util.Locale;

/// What the engine thread of a stage does; at each moment it is in one phase.
public enum Phase {
    /// Taking in arrivals and tokens, planning and packing the step, reporting.
    SCHEDULE,
    /// Bringing the packed step, and activations of the stage before, to the device.
    UPLOAD,
    /// The forward pass.
    COMPUTE,
    /// Bringing activations or tokens from the device.
    DOWNLOAD,
    /// Giving activations to the next stage or tokens to the first.
    HANDOVER,
    /// From logits to tokens.
    SAMPLE,
    /// Nothing to compute: no sequence is there.
    WAIT_WORK,
    /// Nothing to compute until a neighbour stage has done its part.
    WAIT_NEIGHBOUR;

    /// The name in metrics and statistics: lower case.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
