import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { ApiError, type ErrorCode, SignUpRequest } from '@mydropbox/protocol';
import { Link, useNavigate } from 'react-router';
import { useSignUp, useSignUps } from '../api/account.ts';
import { FormCard } from '../components/FormCard.tsx';
import { ProblemAlert } from '../components/ProblemView.tsx';
import { useForm } from '../hooks/use-form.ts';
import { usePageTitle } from '../hooks/use-page-title.ts';

/** Refusals that belong to one field are shown there. */
const FIELD_OF: Partial<Record<ErrorCode, 'username' | 'email'>> = {
	'username-taken': 'username',
	'email-taken': 'email',
};

export function SignUpPage() {
	usePageTitle('Create an account');
	const navigate = useNavigate();
	const signUp = useSignUp();
	const signUps = useSignUps();
	const form = useForm(SignUpRequest, { username: '', email: '', password: '' }, (values) =>
		signUp.mutate(values, { onSuccess: () => navigate('/files', { replace: true }) }),
	);
	const field = signUp.error instanceof ApiError ? FIELD_OF[signUp.error.code] : undefined;
	const fieldProps = (name: 'username' | 'email' | 'password') => {
		const props = form.field(name);
		return {
			...props,
			error: props.error || (field === name && signUp.variables?.[name] === props.value && signUp.error?.message),
		};
	};
	return (
		<FormCard
			title="Create an account"
			lead="One folder, the same on all your devices and in the browser."
			below={
				<Text>
					Already have an account?{' '}
					<Anchor component={Link} to="/sign-in">
						Sign in
					</Anchor>
				</Text>
			}
		>
			<form onSubmit={form.onSubmit} noValidate>
				<Stack>
					{signUps === 'closed' && (
						<Alert variant="light">New accounts are made by whoever runs this MyDropbox. Ask them for one.</Alert>
					)}
					<TextInput
						label="Username"
						description="Letters, digits, dots, dashes and underscores"
						autoComplete="username"
						autoCapitalize="none"
						spellCheck={false}
						autoFocus
						{...fieldProps('username')}
					/>
					<TextInput label="E-mail" type="email" autoComplete="email" {...fieldProps('email')} />
					<PasswordInput
						label="Password"
						description="At least 8 characters; longer is better than complicated"
						autoComplete="new-password"
						{...fieldProps('password')}
					/>
					{!field && <ProblemAlert error={signUp.error} />}
					<Button type="submit" loading={signUp.isPending} disabled={signUps === 'closed'} fullWidth mt="xs">
						Create account
					</Button>
				</Stack>
			</form>
		</FormCard>
	);
}
