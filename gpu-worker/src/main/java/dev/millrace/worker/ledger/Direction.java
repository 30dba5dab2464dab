package dev.millrace.worker.ledger;

import java.util.Locale;

/// Where bytes went.
public enum Direction {
    /// From this process to its device.
    UPLOAD,
    /// From the device to this process.
    DOWNLOAD,
    /// From a neighbour stage.
    HANDOVER_IN,
    /// To a neighbour stage.
    HANDOVER_OUT;

    /// The name in metrics and statistics: lower case.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
