package dev.millrace.cli.serve;

/// The programs that a cluster is made of.
public enum Service {
    GATEWAY("gateway"),
    TOKENIZER("tokenizer-service"),
    WORKER("gpu-worker");

    private final String module;

    Service(String module) {
        this.module = module;
    }

    /// The folder it is built in.
    String module() {
        return module;
    }
}
