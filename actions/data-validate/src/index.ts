import { startAction } from '../../shared/src/action/start-action.ts';
import { main } from './main.ts';

await startAction({ name: 'data-validate', main });
