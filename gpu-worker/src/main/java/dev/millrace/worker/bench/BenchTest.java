package dev.millrace.worker.bench;

/// One kind of work that is measured.
public sealed interface BenchTest {

    /// As tables and messages have it.
    String label();

    /// Tokens that [#run] processes.
    int tokens();

    /// What bounds it.
    Bound bound();

    /// How much of that [#run] needs at least.
    double work(ModelCosts costs);

    /// What has to be there before [#run], and is not measured.
    void prepare(BenchedModel model);

    void run(BenchedModel model);

    /// A prompt of `tokens`.
    record Prefill(int tokens) implements BenchTest {
        @Override
        public String label() {
            return "prefill " + tokens;
        }

        @Override
        public Bound bound() {
            return Bound.OPERATIONS;
        }

        @Override
        public double work(ModelCosts costs) {
            return costs.prefillOperations(tokens);
        }

        @Override
        public void prepare(BenchedModel model) {}

        @Override
        public void run(BenchedModel model) {
            model.prefill(tokens);
        }
    }

    /// `steps` tokens for each of `sequences`, one step for all of them, after `context` tokens.
    record Decode(int sequences, int steps, int context) implements BenchTest {
        @Override
        public String label() {
            return "decode " + steps + " x " + sequences + (context == 0 ? "" : " at " + context);
        }

        @Override
        public int tokens() {
            return sequences * steps;
        }

        @Override
        public Bound bound() {
            return Bound.BYTES;
        }

        @Override
        public double work(ModelCosts costs) {
            return costs.decodeBytes(sequences, steps, context);
        }

        @Override
        public void prepare(BenchedModel model) {
            model.prepare(sequences, steps, context);
        }

        @Override
        public void run(BenchedModel model) {
            model.decode(sequences, steps, context);
        }
    }
}
