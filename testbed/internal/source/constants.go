package source

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
)

// StringConstants evaluates the string constants that Go files of one package declare, by name. The files import nothing.
func StringConstants(paths ...string) (map[string]string, error) {
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, file)
	}
	checked, err := new(types.Config).Check("", files, parsed, nil)
	if err != nil {
		return nil, fmt.Errorf("evaluating the constants of %v: %w", paths, err)
	}
	values := map[string]string{}
	for _, name := range checked.Scope().Names() {
		declared, isConstant := checked.Scope().Lookup(name).(*types.Const)
		if isConstant && declared.Val().Kind() == constant.String {
			values[name] = constant.StringVal(declared.Val())
		}
	}
	return values, nil
}
