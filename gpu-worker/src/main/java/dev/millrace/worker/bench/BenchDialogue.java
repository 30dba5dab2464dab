package dev.millrace.worker.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;

/// Does what lines of input say and answers each with a line of JSON, so that another program can take turns with it:
/// `prefill TOKENS`, `decode SEQUENCES STEPS [CONTEXT]`, `exit`.
public final class BenchDialogue {

    private final Meter meter;
    private final ModelCosts costs;
    private final PrintStream out;

    public BenchDialogue(Meter meter, ModelCosts costs, PrintStream out) {
        this.meter = meter;
        this.costs = costs;
        this.out = out;
    }

    /// Introduces itself, then answers until `exit` or the end of the input.
    ///
    /// @param device what computes
    public void run(BufferedReader in, String device) throws IOException {
        say("{\"device\": \"%s\", \"weight_bytes\": %d}".formatted(escaped(device), costs.weightBytes()));
        for (String line = in.readLine(); line != null && !line.strip().equals("exit"); line = in.readLine()) {
            say(answer(line.strip()));
        }
    }

    private String answer(String line) {
        try {
            BenchTest test = parse(line.toLowerCase(Locale.ROOT).split("\\s+"));
            Measurement measured = meter.measure(test);
            return measured.json(test.bound().key(), test.work(costs) / measured.wallSeconds());
        } catch (IllegalArgumentException e) {
            return "{\"error\": \"%s\"}".formatted(escaped(String.valueOf(e.getMessage())));
        }
    }

    private static BenchTest parse(String[] words) {
        if (words[0].equals("prefill") && words.length == 2) {
            return new BenchTest.Prefill(positive(words[1]));
        }
        if (words[0].equals("decode") && (words.length == 3 || words.length == 4)) {
            int context = words.length == 4 && !words[3].equals("0") ? positive(words[3]) : 0;
            return new BenchTest.Decode(positive(words[1]), positive(words[2]), context);
        }
        throw new IllegalArgumentException("commands are: prefill TOKENS, decode SEQUENCES STEPS [CONTEXT], exit");
    }

    private static int positive(String word) {
        if (!word.matches("[1-9]\\d{0,6}")) {
            throw new IllegalArgumentException(word + " is not a number from 1 to 9999999");
        }
        return Integer.parseInt(word);
    }

    /// As it may stand within a JSON string.
    private static String escaped(String text) {
        return text.replaceAll("[\\\\\"\\p{Cntrl}]", "?");
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }
}
