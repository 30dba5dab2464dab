package dev.millrace.worker.grpc.link;

/// What a link carries.
public enum LinkKind {
    /// Steps from a stage to the next.
    FORWARD("the link to the next stage at"),
    /// Sampled tokens from the last stage to the first.
    RETURN("the link back to the first stage at");

    private final String description;

    LinkKind(String description) {
        this.description = description;
    }

    /// Words to put before the address of the other end.
    String description() {
        return description;
    }
}
