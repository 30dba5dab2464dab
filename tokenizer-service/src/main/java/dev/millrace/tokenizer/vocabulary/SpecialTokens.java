package dev.millrace.tokenizer.vocabulary;

import java.util.Arrays;
import java.util.BitSet;

/// Finds special tokens in texts: from left to right, the longest that begins at a place. Tokens that the model's maker
/// added are found everywhere, those that need trust only within the spans that have it.
final class SpecialTokens {
    private static final int ROOT = 0;
    private static final int NOTHING = -1;

    private final BitSet firstCharacters = new BitSet();
    private final BitSet needTrust = new BitSet();
    private final BitSet swallowSpaces;

    /// A tree of the tokens' characters: from node and character to node.
    private final LongIntMap children;
    /// The token that ends at a node, or [#NOTHING].
    private final int[] tokens;
    /// How many characters lead to a node.
    private final int[] depths;

    private int nodes = 1;

    /// Takes the parts of a text in order.
    interface Sink {
        /// The chars `[from, to)`, at least one, in which no special token was found.
        void text(int from, int to);

        void token(int id);
    }

    /// @param swallowSpaces the tokens that take the white space after them along
    SpecialTokens(Vocabulary vocabulary, BitSet swallowSpaces) {
        this.swallowSpaces = swallowSpaces;
        BitSet specials = new BitSet();
        int characters = 0;
        for (int id = 0; id < vocabulary.size(); id++) {
            if (isSpecial(vocabulary.type(id))) {
                specials.set(id);
                needTrust.set(id, vocabulary.needsTrust(id));
                characters += vocabulary.text(id).length();
            }
        }
        children = new LongIntMap(characters);
        tokens = new int[characters + 1];
        depths = new int[characters + 1];
        Arrays.fill(tokens, NOTHING);
        specials.stream().forEach(id -> insert(vocabulary.text(id), id));
    }

    static boolean isSpecial(TokenType type) {
        return type == TokenType.CONTROL || type == TokenType.UNKNOWN || type == TokenType.USER_DEFINED;
    }

    void scan(TrustedSpans spans, Sink sink) {
        String text = spans.text();
        TrustedSpans.Cursor cursor = spans.cursor();
        int pending = 0;
        int position = 0;
        while (position < text.length()) {
            int node = firstCharacters.get(text.charAt(position))
                    ? longest(text, position, cursor.end(position))
                    : NOTHING;
            if (node == NOTHING) {
                position++;
                continue;
            }
            if (pending < position) {
                sink.text(pending, position);
            }
            sink.token(tokens[node]);
            position += depths[node];
            if (swallowSpaces.get(tokens[node])) {
                position = skipSpaces(text, position);
            }
            pending = position;
        }
        if (pending < text.length()) {
            sink.text(pending, text.length());
        }
    }

    /// The node of the longest token at `position`, or [#NOTHING]. Tokens that need trust must end by `trustedEnd`.
    private int longest(String text, int position, int trustedEnd) {
        int longest = NOTHING;
        int node = ROOT;
        for (int index = position; index < text.length(); index++) {
            node = children.get(edge(node, text.charAt(index)));
            if (node == LongIntMap.ABSENT) {
                break;
            }
            int token = tokens[node];
            if (token != NOTHING && (index < trustedEnd || !needTrust.get(token))) {
                longest = node;
            }
        }
        return longest;
    }

    private void insert(String text, int token) {
        if (text.isEmpty()) {
            return;
        }
        firstCharacters.set(text.charAt(0));
        int node = ROOT;
        for (int index = 0; index < text.length(); index++) {
            long edge = edge(node, text.charAt(index));
            children.putIfAbsent(edge, nodes);
            int depth = depths[node] + 1;
            node = children.get(edge);
            if (node == nodes) {
                depths[nodes++] = depth;
            }
        }
        tokens[node] = token;
    }

    private static long edge(int node, char character) {
        return (long) node << 16 | character;
    }

    private static int skipSpaces(String text, int from) {
        int position = from;
        while (position < text.length() && " \t\n\u000B\f\r".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
        return position;
    }
}
