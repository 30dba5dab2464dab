package dev.millrace.tokenizer.template;

/// HTML as plain text.
final class HtmlText {
    private HtmlText() {}

    /// The text without comments and tags, its whitespace folded and its common entities resolved.
    static String withoutTags(String html) {
        String text = without(without(html, "<!--", "-->"), "<", ">");
        StringBuilder folded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (!PythonText.isSpace(character)) {
                folded.append(character);
            } else if (!folded.isEmpty() && folded.charAt(folded.length() - 1) != ' ') {
                folded.append(' ');
            }
        }
        return unescape(folded.toString().stripTrailing());
    }

    private static String without(String text, String open, String close) {
        StringBuilder kept = new StringBuilder(text.length());
        int position = 0;
        int start = text.indexOf(open);
        while (start >= 0) {
            int end = text.indexOf(close, start);
            if (end < 0) {
                break;
            }
            kept.append(text, position, start);
            position = end + close.length();
            start = text.indexOf(open, position);
        }
        return kept.append(text, position, text.length()).toString();
    }

    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            int end = text.charAt(i) == '&' ? text.indexOf(';', i, Math.min(text.length(), i + 12)) : -1;
            String resolved = end < 0 ? "" : resolve(text.substring(i + 1, end));
            if (resolved.isEmpty()) {
                plain.append(text.charAt(i));
            } else {
                plain.append(resolved);
                i = end;
            }
        }
        return plain.toString();
    }

    private static String resolve(String entity) {
        return switch (entity) {
            case "amp" -> "&";
            case "lt" -> "<";
            case "gt" -> ">";
            case "quot" -> "\"";
            case "apos" -> "'";
            case "nbsp" -> "\u00a0";
            default -> entity.startsWith("#") ? resolveNumber(entity.substring(1)) : "";
        };
    }

    private static String resolveNumber(String number) {
        boolean hexadecimal = number.startsWith("x") || number.startsWith("X");
        try {
            int character = Integer.parseInt(hexadecimal ? number.substring(1) : number, hexadecimal ? 16 : 10);
            return Character.isValidCodePoint(character) ? Character.toString(character) : "";
        } catch (NumberFormatException none) {
            return "";
        }
    }
}
