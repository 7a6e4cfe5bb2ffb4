from flows.command_line import main

main()
