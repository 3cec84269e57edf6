/** How a load changes the table; see `publishStatements`. */
export type PublishMode = 'replace' | 'merge' | 'append';
