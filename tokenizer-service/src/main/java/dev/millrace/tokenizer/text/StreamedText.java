package dev.millrace.tokenizer.text;

import java.util.ArrayDeque;
import java.util.List;

/// The text of one choice while its tokens arrive: decodes them, holds back what may belong to a stop string, and tells
/// which tokens' text became certain.
public final class StreamedText {
    /// What one step brought.
    ///
    /// @param text characters that became certain
    /// @param tokens how many further tokens, in order, became certain with them
    /// @param stopped true when a stop string ended the text; tokens not counted until then are never shown
    public record Progress(String text, int tokens, boolean stopped) {}

    /// Where a token's text lies, in characters from the start of the output.
    private record Span(long start, long end) {}

    private final TokenDecoder decoder;
    private final StopMatcher stops;
    private final ArrayDeque<Span> uncertain = new ArrayDeque<>();
    private long decoded;
    private long released;

    /// Text that `decoder` gives, up to one of `stops`, none of which is empty.
    public StreamedText(TokenDecoder decoder, List<String> stops) {
        this.decoder = decoder;
        this.stops = new StopMatcher(stops);
    }

    /// Takes the next token; after a stop nothing happens any more.
    public Progress add(int tokenId) {
        if (stops.stopped()) {
            return new Progress("", 0, true);
        }
        long start = decoded;
        String text = decoder.add(tokenId);
        decoded += text.length();
        // A token whose last bytes begin a character is certain only with that character, the next one to come.
        uncertain.add(new Span(start, decoder.pending() ? decoded + 1 : decoded));
        return progress(stops.add(text), false);
    }

    /// Ends the text: whatever was held back is text now.
    public Progress finish() {
        if (stops.stopped()) {
            return new Progress("", 0, true);
        }
        String text = decoder.finish();
        decoded += text.length();
        String certain = stops.add(text);
        return progress(stops.stopped() ? certain : certain + stops.finish(), true);
    }

    private Progress progress(String text, boolean last) {
        released += text.length();
        int tokens = 0;
        while (!uncertain.isEmpty() && certain(uncertain.peek(), last)) {
            uncertain.poll();
            tokens++;
        }
        return new Progress(text, tokens, stops.stopped());
    }

    private boolean certain(Span span, boolean last) {
        return stops.stopped() ? span.start() < stops.position() : last || span.end() <= released;
    }
}
