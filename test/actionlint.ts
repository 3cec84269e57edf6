/** The linter of workflows: the packages of npm and PyPI that carry it download the program from elsewhere. */
export const ACTIONLINT = {
  source: 'github.com/rhysd/actionlint/cmd/actionlint',
  version: 'v1.7.12',
  purpose: 'the linter of workflows',
};
