package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Reads a whole template into statements.
final class StatementParser {
    private static final Set<String> OTHER_FILES = Set.of("include", "import", "from", "extends");

    private final ParserState state;
    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final TargetParser targets;
    private final ProcedureParser procedures;

    private StatementParser(ParserState state) {
        this.state = state;
        this.tokens = state.tokens();
        this.expressions = new ExpressionParser(state);
        this.targets = new TargetParser(state);
        this.procedures = new ProcedureParser(state, this, expressions, targets);
    }

    static Statement.Block parse(String source, TemplateLimits limits) {
        if (source.length() > limits.sourceCharacters()) {
            throw new TemplateException(
                    "the chat template is longer than " + limits.sourceCharacters() + " characters");
        }
        ParserState state = new ParserState(new TokenStream(Lexer.tokenize(source)), limits.nesting());
        List<Statement> statements = new StatementParser(state).parseUntil(Set.of());
        state.sealScopes();
        return new Statement.Block(statements, state.scope());
    }

    /// Statements up to one of the closing tags; the tag's name is then the current token.
    private List<Statement> parseUntil(Set<String> closing) {
        state.nest();
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.type()) {
                case DATA -> statements.add(new Statement.Text(StringValue.trusted(token.text()), token.line()));
                case VARIABLE_BEGIN -> {
                    statements.add(new Statement.Print(expressions.parseTuple(), token.line()));
                    tokens.expect(TokenType.VARIABLE_END);
                }
                case BLOCK_BEGIN -> {
                    if (tokens.type() == TokenType.NAME
                            && closing.contains(tokens.current().text())) {
                        state.unnest();
                        return statements;
                    }
                    parseStatement(statements, closing);
                    tokens.expect(TokenType.BLOCK_END);
                }
                default -> {
                    if (!closing.isEmpty()) {
                        throw new TemplateException(
                                "unexpected end of template, looking for " + closingTags(closing), token.line());
                    }
                    state.unnest();
                    return statements;
                }
            }
        }
    }

    private static String closingTags(Set<String> closing) {
        return String.join(" or ", closing.stream().sorted().toList());
    }

    /// The body after an opening tag, up to a closing tag; the tag's name is then the current token.
    List<Statement> parseBody(String... closing) {
        tokens.skip(TokenType.COLON);
        tokens.expect(TokenType.BLOCK_END);
        return parseUntil(Set.of(closing));
    }

    /// A body in a scope of its own, with its closing tag.
    Statement.Block parseBlock(Scope scope, String closing) {
        Scope outer = state.enter(scope);
        List<Statement> statements = parseBody(closing);
        tokens.next();
        state.leaveTo(outer);
        return new Statement.Block(statements, scope);
    }

    private void parseStatement(List<Statement> statements, Set<String> closing) {
        Token tag = tokens.expect(TokenType.NAME);
        int line = tag.line();
        switch (tag.text()) {
            case "set" -> statements.add(parseSet(line));
            case "if" -> statements.add(parseIf(line));
            case "for" -> statements.add(parseFor(line));
            case "macro" -> statements.add(procedures.parseMacro(line));
            case "call" -> statements.add(procedures.parseCallBlock(line));
            case "filter" -> statements.add(parseFilterBlock(line));
            case "with" -> statements.add(parseWith(line));
            case "generation" -> statements.add(procedures.parseGeneration(line));
            case "block" -> statements.add(parseNamedBlock(line));
            case "print" -> parsePrint(statements, line);
            case "break" -> {
                requireLoop(tag);
                statements.add(new Statement.Break(line));
            }
            case "continue" -> {
                requireLoop(tag);
                statements.add(new Statement.Continue(line));
            }
            default -> throw unknownTag(tag, closing);
        }
    }

    private static TemplateException unknownTag(Token tag, Set<String> closing) {
        if (OTHER_FILES.contains(tag.text())) {
            return new TemplateException(
                    "'" + tag.text() + "' is refused: a chat template cannot use other templates", tag.line());
        }
        String expected = closing.isEmpty() ? "" : ", looking for " + closingTags(closing);
        return new TemplateException("unknown tag '" + tag.text() + "'" + expected, tag.line());
    }

    private void requireLoop(Token tag) {
        if (state.loops() == 0) {
            throw new TemplateException("'" + tag.text() + "' outside of a loop", tag.line());
        }
    }

    private Statement parseSet(int line) {
        Target target = targets.parse(true, null);
        if (tokens.skip(TokenType.ASSIGN)) {
            Expression value = expressions.parseTuple();
            targets.assign(target);
            return new Statement.Assign(target, value, line);
        }
        Scope inner = state.innerScope();
        Scope outer = state.enter(inner);
        List<FilterCall> filters = new ArrayList<>();
        while (tokens.skip(TokenType.PIPE)) {
            filters.add(expressions.operands().parseFilterCall());
        }
        state.leaveTo(outer);
        targets.assign(target);
        return new Statement.AssignBlock(target, filters, parseBlock(inner, "endset"), line);
    }

    private Statement parseIf(int line) {
        List<Statement.Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        Expression test = expressions.parseTupleWithoutIf(null);
        state.scope().enterBranch();
        while (true) {
            branches.add(new Statement.Branch(test, parseBody("elif", "else", "endif")));
            String closing = tokens.next().text();
            if (closing.equals("elif")) {
                test = expressions.parseTupleWithoutIf(null);
                continue;
            }
            if (closing.equals("else")) {
                otherwise = parseBody("endif");
                tokens.next();
            }
            state.scope().leaveBranch();
            return new Statement.If(branches, otherwise, line);
        }
    }

    private Statement parseFor(int line) {
        Target target = targets.parse(false, "in");
        tokens.expectName("in");
        Expression iterable = expressions.parseTupleWithoutIf("recursive");
        Statement.LoopFilter filter = tokens.skipName("if") ? parseLoopFilter(target) : null;
        boolean recursive = tokens.skipName("recursive");
        Scope inner = state.innerScope();
        inner.declare("loop");
        targets.declare(target, inner);
        int loops = state.loops(state.loops() + 1);
        Scope outer = state.enter(inner);
        List<Statement> body = parseBody("endfor", "else");
        state.leaveTo(outer);
        state.loops(loops);
        boolean hasElse = tokens.next().text().equals("else");
        Statement.Block otherwise = hasElse ? parseBlock(state.innerScope(), "endfor") : null;
        Statement.Block block = new Statement.Block(body, inner);
        return new Statement.For(target, iterable, filter, recursive, block, otherwise, line);
    }

    private Statement.LoopFilter parseLoopFilter(Target target) {
        Scope scope = state.innerScope();
        targets.declare(target, scope);
        Scope outer = state.enter(scope);
        Expression test = expressions.parse();
        state.leaveTo(outer);
        return new Statement.LoopFilter(test, scope);
    }

    private Statement parseFilterBlock(int line) {
        List<FilterCall> filters = new ArrayList<>();
        do {
            filters.add(expressions.operands().parseFilterCall());
        } while (tokens.skip(TokenType.PIPE));
        return new Statement.FilterBlock(filters, parseBlock(state.innerScope(), "endfilter"), line);
    }

    private Statement parseWith(int line) {
        List<Statement.Binding> bindings = new ArrayList<>();
        Scope inner = state.innerScope();
        while (tokens.type() != TokenType.BLOCK_END) {
            if (!bindings.isEmpty()) {
                tokens.expect(TokenType.COMMA);
            }
            Target target = targets.parse(false, null);
            tokens.expect(TokenType.ASSIGN);
            bindings.add(new Statement.Binding(target, expressions.parse()));
        }
        bindings.forEach(binding -> targets.declare(binding.target(), inner));
        return new Statement.With(bindings, parseBlock(inner, "endwith"), line);
    }

    private Statement parseNamedBlock(int line) {
        String name = tokens.expect(TokenType.NAME).text();
        boolean scoped = tokens.skipName("scoped");
        tokens.skipName("required");
        Scope scope = scoped ? state.innerScope() : state.newScope(null);
        int loops = state.loops(0);
        Statement.Block block = parseBlock(scope, "endblock");
        state.loops(loops);
        tokens.skipName(name);
        return scoped ? new Statement.Scoped(block, line) : new Statement.NamedBlock(block, line);
    }

    private void parsePrint(List<Statement> statements, int line) {
        boolean first = true;
        while (tokens.type() != TokenType.BLOCK_END) {
            if (!first) {
                tokens.expect(TokenType.COMMA);
            }
            statements.add(new Statement.Print(expressions.parse(), line));
            first = false;
        }
    }
}
