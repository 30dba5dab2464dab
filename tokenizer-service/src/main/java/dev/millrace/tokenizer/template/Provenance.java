package dev.millrace.tokenizer.template;

import java.util.Arrays;

/// Which characters of a text are trusted (written by the template) and which are not (taken from its input).
///
/// Runs alternate: the first run is `startsTrusted`, and each position in `flips` (UTF-16 index, ascending, inside the
/// text) begins a run of the other kind.
final class Provenance {
    private static final int[] NONE = {};
    static final Provenance TRUSTED = new Provenance(true, NONE);
    static final Provenance UNTRUSTED = new Provenance(false, NONE);

    private final boolean startsTrusted;
    private final int[] flips;

    private Provenance(boolean startsTrusted, int[] flips) {
        this.startsTrusted = startsTrusted;
        this.flips = flips;
    }

    static Provenance of(boolean trusted) {
        return trusted ? TRUSTED : UNTRUSTED;
    }

    static Provenance of(boolean startsTrusted, int[] flips, int count) {
        return count == 0 ? of(startsTrusted) : new Provenance(startsTrusted, Arrays.copyOf(flips, count));
    }

    boolean startsTrusted() {
        return startsTrusted;
    }

    int flipCount() {
        return flips.length;
    }

    int flip(int index) {
        return flips[index];
    }

    boolean isUniform() {
        return flips.length == 0;
    }

    boolean isWhollyTrusted() {
        return startsTrusted && flips.length == 0;
    }

    /// The provenance of the characters from `start` (inclusive) to `end` (exclusive).
    Provenance slice(int start, int end) {
        if (flips.length == 0) {
            return this;
        }
        int first = upperBound(start);
        int last = upperBound(end - 1);
        boolean trusted = (first & 1) == 0 ? startsTrusted : !startsTrusted;
        if (last <= first) {
            return of(trusted);
        }
        int[] inside = Arrays.copyOfRange(flips, first, last);
        for (int i = 0; i < inside.length; i++) {
            inside[i] -= start;
        }
        return new Provenance(trusted, inside);
    }

    /// How many flips lie at or before `position`.
    private int upperBound(int position) {
        int found = Arrays.binarySearch(flips, position);
        return found >= 0 ? found + 1 : -found - 1;
    }
}
