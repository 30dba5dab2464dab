package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;

/// Reads macros, call blocks and generation blocks.
final class ProcedureParser {
    private final ParserState state;
    private final TokenStream tokens;
    private final StatementParser statements;
    private final ExpressionParser expressions;
    private final TargetParser targets;

    ProcedureParser(ParserState state, StatementParser statements, ExpressionParser expressions, TargetParser targets) {
        this.state = state;
        this.tokens = state.tokens();
        this.statements = statements;
        this.expressions = expressions;
        this.targets = targets;
    }

    private record Signature(List<String> parameters, List<Expression> defaults) {
        static final Signature EMPTY = new Signature(List.of(), List.of());
    }

    Statement parseMacro(int line) {
        String name = targets.parseName();
        state.assign(name);
        Scope scope = state.innerScope();
        Signature signature = parseSignature(scope);
        return new Statement.Macro(parseProcedure(name, signature, scope, "endmacro"), line);
    }

    Statement parseCallBlock(int line) {
        Scope scope = state.innerScope();
        Signature signature = tokens.type() == TokenType.LEFT_PARENTHESIS ? parseSignature(scope) : Signature.EMPTY;
        if (!(expressions.parse() instanceof Expression.Call call)) {
            throw new TemplateException("expected call", line);
        }
        return new Statement.CallBlock(parseProcedure("", signature, scope, "endcall"), call, line);
    }

    /// `{% generation %}` marks what the assistant wrote; for rendering it is printed as it is.
    Statement parseGeneration(int line) {
        Procedure procedure = parseProcedure("", Signature.EMPTY, state.innerScope(), "endgeneration");
        return new Statement.Generation(procedure, line);
    }

    private Signature parseSignature(Scope scope) {
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        Scope outer = state.enter(scope);
        tokens.expect(TokenType.LEFT_PARENTHESIS);
        while (tokens.type() != TokenType.RIGHT_PARENTHESIS) {
            if (!parameters.isEmpty()) {
                tokens.expect(TokenType.COMMA);
            }
            String parameter = targets.parseName();
            scope.declare(parameter);
            parameters.add(parameter);
            if (tokens.skip(TokenType.ASSIGN)) {
                defaults.add(expressions.parse());
            } else if (!defaults.isEmpty()) {
                throw tokens.fail("non-default argument follows default argument");
            }
        }
        tokens.expect(TokenType.RIGHT_PARENTHESIS);
        state.leaveTo(outer);
        return new Signature(parameters, defaults);
    }

    private Procedure parseProcedure(String name, Signature signature, Scope scope, String closing) {
        int line = tokens.line();
        int loops = state.loops(0);
        ParserState.ImplicitParameters used = state.openProcedure();
        Statement.Block body = statements.parseBlock(scope, closing);
        state.closeProcedure();
        state.loops(loops);
        List<String> parameters = signature.parameters();
        boolean catchesCaller = used.uses("caller") && !parameters.contains("caller");
        int caller = parameters.indexOf("caller");
        if (used.uses("caller")
                && caller >= 0
                && caller < parameters.size() - signature.defaults().size()) {
            throw new TemplateException("the special \"caller\" argument must be omitted or be given a default", line);
        }
        boolean catchesNamed = used.uses("kwargs") && !parameters.contains("kwargs");
        boolean catchesPositional = used.uses("varargs") && !parameters.contains("varargs");
        declare(scope, "caller", catchesCaller);
        declare(scope, "kwargs", catchesNamed);
        declare(scope, "varargs", catchesPositional);
        return new Procedure(
                name, parameters, signature.defaults(), catchesCaller, catchesNamed, catchesPositional, body);
    }

    private static void declare(Scope scope, String name, boolean declared) {
        if (declared) {
            scope.declare(name);
        }
    }
}
