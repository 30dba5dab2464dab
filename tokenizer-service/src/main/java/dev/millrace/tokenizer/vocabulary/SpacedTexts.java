package dev.millrace.tokenizer.vocabulary;

/// The spelling of SentencePiece and WordPiece vocabularies: a space is U+2581, a byte is `<0x0A>`.
final class SpacedTexts {
    /// U+2581 in UTF-8.
    static final byte[] SPACE = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};

    private SpacedTexts() {}

    /// The bytes that each token of the vocabulary means.
    static TokenTexts pieces(Vocabulary vocabulary) {
        TokenTexts.Builder pieces = new TokenTexts.Builder(vocabulary.size());
        for (int id = 0; id < vocabulary.size(); id++) {
            byte[] text = vocabulary.texts().bytes(id);
            switch (vocabulary.type(id)) {
                case CONTROL, UNKNOWN, USER_DEFINED -> pieces.bytes().add(text);
                case BYTE -> pieces.bytes().add(byteOf(id, vocabulary.text(id)));
                case NORMAL, UNUSED, UNDEFINED -> addWithSpaces(text, pieces.bytes());
            }
            pieces.endToken();
        }
        return pieces.withoutIndex();
    }

    /// The text of the token for one byte, 0 to 255.
    static String byteText(int value) {
        return "<0x%02X>".formatted(value);
    }

    private static int byteOf(int id, String text) {
        if (!text.matches("<0x[0-9A-Fa-f]{2}>")) {
            throw new VocabularyException("token %d is of the type byte, but its text is %s, not of the form '<0x0A>'"
                    .formatted(id, Quoted.of(text)));
        }
        return Integer.parseInt(text, 3, 5, 16);
    }

    private static void addWithSpaces(byte[] text, ByteList target) {
        int index = 0;
        while (index < text.length) {
            if (startsWithSpace(text, index)) {
                target.add(' ');
                index += SPACE.length;
            } else {
                target.add(text[index++]);
            }
        }
    }

    private static boolean startsWithSpace(byte[] text, int index) {
        return index + 2 < text.length
                && text[index] == SPACE[0]
                && text[index + 1] == SPACE[1]
                && text[index + 2] == SPACE[2];
    }
}
