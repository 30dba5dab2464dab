package dev.millrace.tokenizer.text;

import java.util.ArrayList;
import java.util.List;

/// Cuts streamed text at the first position where one of the stop strings begins, however the text is split.
///
/// Text that may still turn out to be the beginning of a stop string is held back, and so is a found stop string while
/// an
/// earlier beginning may still become another one: the earliest position wins, as if the whole text had been searched.
final class StopMatcher {
    private static final long NONE = Long.MAX_VALUE;

    private final List<StopString> stops = new ArrayList<>();
    private final StringBuilder held = new StringBuilder();
    private long heldStart;
    private long found = NONE;
    private boolean stopped;

    StopMatcher(List<String> stops) {
        for (String stop : stops) {
            this.stops.add(new StopString(stop));
        }
    }

    /// Takes more text; returns what is certain to lie before any stop string.
    String add(String text) {
        if (stopped) {
            return "";
        }
        if (stops.isEmpty()) {
            return text;
        }
        for (int i = 0; i < text.length(); i++) {
            held.append(text.charAt(i));
            long open = advance(text.charAt(i));
            if (found != NONE && found <= open) {
                stopped = true;
                return release(found);
            }
        }
        return release(Math.min(found, earliestOpen()));
    }

    /// Ends the text; returns what was held back, up to a stop string if one is complete.
    String finish() {
        if (stopped) {
            return "";
        }
        stopped = found != NONE;
        return release(Math.min(found, heldStart + held.length()));
    }

    /// True once the cut is certain; later text is dropped.
    boolean stopped() {
        return stopped;
    }

    /// The position of the cut in characters from the start; only after [#stopped()].
    long position() {
        return found;
    }

    /// Feeds one character; returns the earliest position where an unfinished stop string may have begun.
    private long advance(char next) {
        long end = heldStart + held.length();
        for (StopString stop : stops) {
            if (stop.advance(next)) {
                found = Math.min(found, end - stop.length());
            }
        }
        return earliestOpen();
    }

    private long earliestOpen() {
        long end = heldStart + held.length();
        long earliest = end;
        for (StopString stop : stops) {
            // A finished one lies in `found`, and nothing that it could begin anew lies before that.
            if (stop.matched() < stop.length()) {
                earliest = Math.min(earliest, end - stop.matched());
            }
        }
        return earliest;
    }

    private String release(long until) {
        int count = (int) (until - heldStart);
        String text = held.substring(0, count);
        held.delete(0, count);
        heldStart = until;
        return text;
    }
}
