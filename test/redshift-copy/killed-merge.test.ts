import { testKilledAtEveryStatement } from './killed-at.ts';
import { openCopies } from './open-copies.ts';

testKilledAtEveryStatement(await openCopies(), 'merge');
